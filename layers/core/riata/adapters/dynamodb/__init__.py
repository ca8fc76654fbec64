"""The two tables.

``Accounts``
    ===============  ======================  =========================================
    pk               sk                      item
    ===============  ======================  =========================================
    ``KEY#{key}``    ``KEY``                 an API key with its balance
    ``KEY#{key}``    ``LEDGER#{entry}``      one movement of the balance, never changed
    ===============  ======================  =========================================

``Jobs``
    ===============  ======================  =========================================
    pk               sk                      item
    ===============  ======================  =========================================
    ``FILE#{file}``  ``FILE``                an upload
    ``REQ#{req}``    ``REQ``                 a request
    ``REQ#{req}``    ``LOG#{time}#{n}``      a log line
    ``REQ#{req}``    ``DELIVERY``            the delivery of its terminal event
    ===============  ======================  =========================================

    Index ``sweep`` (``sweep``, ``sweep_at``): open requests by their next check. Index ``queue`` (``in_queue``,
    ``created_at``): queued requests by age. Both are sparse: the attribute is removed when the request leaves the state.
    ``expires_at`` is the TTL, in epoch seconds; it lags, so reads compare ``delete_after`` themselves.
"""
