"""Hands a sweep to HyperQueue, a task a part: tasks.py PARTS COMMAND …"""

import sys

from hyperqueue import Job, LocalCluster

parts, command = sys.argv[1], sys.argv[2:]
with LocalCluster() as cluster:
    cluster.start_worker()
    client = cluster.client()
    job = Job()
    for _ in range(int(parts)):
        job.program([*command, "--shards", parts])
    client.wait_for_jobs([client.submit(job)])
