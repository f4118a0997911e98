"""Model servers on this machine: finding one that answers, starting one, keeping it up.

A builder (`vllm`, `embedded`) works a `Launch` out of a model and a machine; `running` starts it, restarts it when it
dies, and stops it in the end. Every server is a process of its own: native code that crashes takes no run with it.
"""
