"""Faults against the delivery ledger: nothing may be lost, and nothing sent twice.

`stage` is the place: servers of its own, worker processes by a fork server, providers that write
down what they accept (`oracle`), citizens, and one clock for all processes that the test moves.
A round (`rounds`) does harm (`catalogue`), heals, moves the clock until all is quiet, and compares
the ledger with the oracle (`ledger`). No hook in the product: crash points are made from outside,
by locks, by requests that are held, and by signals.
"""
