"""What runs to an end: training, evaluation, the demo."""
