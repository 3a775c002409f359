"""niteru compared with the tools that people use today: the same work, in one run, on one machine.

Each tool runs in an environment of its own (:mod:`bench.beside.environments`), through its own public calls
(``inside/``), in a process that is measured from outside (:mod:`bench.beside.alone`). The tools take turns, and a
figure is the median of the turns.
"""
