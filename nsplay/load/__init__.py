"""Loads for a lesson's groups: `nsplay load cpu|memory|io|pids|net`. Bounded by themselves, whatever the group allows.

Runs inside of the learner's limits, so it is small: a group of 10 MB has to hold the interpreter and what it is asked to
take. Hence nothing here imports typing, re, argparse or the rest of nsplay.
"""
