"""Small Llama text models, compiled: at their size it is the calls of a framework that take the time."""
