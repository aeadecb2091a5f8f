"""Questions put to a network: numpy in, numpy out, one frozen answer each."""
