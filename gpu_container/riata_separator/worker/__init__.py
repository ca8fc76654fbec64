"""The warm pull-worker: loads the model once, takes one message after another, and gives its message back when told to stop.

==============  ==================================================================================================
module          concept
==============  ==================================================================================================
`loop`          receive, until stopped, idle, or after one message
`job`           one message: claim, download, separate, upload, record, wake, delete
`heartbeat`     what keeps a claim alive meanwhile, and notices that it was lost
`stopping`      SIGTERM
==============  ==================================================================================================
"""
