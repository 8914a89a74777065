"""HLS C++ and SystemVerilog of every detector, emitted numbers, csim and native builds."""
