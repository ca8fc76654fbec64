"""The two tables.

``Accounts``
    ===============  ======================  =========================================
    pk               sk                      item
    ===============  ======================  =========================================
    ``KEY#{key}``    ``KEY``                 an API key with its balance
    ``KEY#{key}``    ``LEDGER#{entry}``      one movement of the balance, never changed
    ===============  ======================  =========================================

``Jobs``
    ================================  ==========================  ==============================================
    pk                                sk                          item
    ================================  ==========================  ==============================================
    ``FILE#{file}``                   ``FILE``                    an upload
    ``REQ#{req}``                     ``REQ``                     a request
    ``REQ#{req}``                     ``LOG#{time}#{n}``          a log line
    ``REQ#{req}``                     ``DELIVERY``                the delivery of its terminal event
    ``REQ#{req}``                     ``DELIVERY#ATTEMPT#{n}``    one attempt at it
    ``ENDPOINT#{tenant}#{host}``      ``SLOT#{n}``                permission for one attempt under way, leased
    ================================  ==========================  ==============================================

    Index ``sweep`` (``sweep``, ``sweep_at``): open requests by their next check, deliveries by their next attempt, media by the end
    of its retention. Index ``queue`` (``in_queue``, ``created_at``): queued requests by age. Both are sparse: the attribute is
    removed when the item leaves the state.
    ``expires_at`` is the TTL, in epoch seconds; it lags, so reads compare ``delete_after`` themselves.
"""
