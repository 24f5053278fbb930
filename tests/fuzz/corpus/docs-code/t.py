#!/usr/bin/env python
"""Doc
string"""
import os

X = [
  1,
]

# about f
@dec
def f(a):
    x = """
def not
"""
    return a

class C(B):
    """doc"""
    y = 1

    def m(self):
        return 1

    @property
    def n(self):

        return 2

if __name__ == "__main__":
    f()
