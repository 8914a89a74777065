"""The accuracy lab: Monte-Carlo sweeps, intervals, tables and plots."""
