"""niteru side by side with what people use today: the same work, in one run, on one machine.

Each tool runs in an environment of its own (:mod:`bench.beside.environments`), through its own public calls
(``inside/``), in a process that is measured from outside (:mod:`bench.beside.alone`). The tools take turns, and a row
is the median of its turns.
"""
