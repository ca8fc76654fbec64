"""The warm pull-worker: loads the model once, takes message after message, and gives back what it has when told to stop.

==============  ==================================================================================================
module          concept
==============  ==================================================================================================
`loop`          receive, until stopped, idle, or after one message; several jobs side by side
`intake`        which messages are taken together: other prompts on the same file
`runner`        one message and its companions: claim, download, separate in one pass
`job`           one claimed request: upload, record, wake, delete; or give back, or leave to others
`heartbeat`     what keeps a claim alive meanwhile, and notices that it was lost
`throughput`    metrics in the log
`stopping`      SIGTERM
==============  ==================================================================================================
"""
