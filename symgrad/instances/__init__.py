"""Concrete instances: exact inputs, values of terms enclosed in rational intervals, and the claims that they break."""
