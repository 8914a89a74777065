"""cocotb benches, the regression, long comparisons through the Verilated library, self-tests."""
