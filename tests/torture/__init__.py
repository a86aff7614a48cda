"""kill -9 at random instants under load: `python -m tests.torture --kills 200 --seed N`."""
