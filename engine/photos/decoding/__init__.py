"""From encoded bytes to upright RGB: limits, faults that viewers overlook, colours, and a process that can be ended."""
