"""Self-distillation of kernel regressions."""
