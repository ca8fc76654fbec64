"""The outside world: the only place that imports boto3. Foreign exceptions become ours here."""
