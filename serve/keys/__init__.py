"""Keys to the service: what each may do, where they are kept, and who has sent one."""
