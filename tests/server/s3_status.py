#!/usr/bin/env python3
"""The status that a URL on this machine answers with; 000: nothing.

usage: s3_status.py URL
"""
import ssl
import sys
import urllib.error
import urllib.request

try:
    r = urllib.request.urlopen(sys.argv[1], timeout=5,
                               context=ssl._create_unverified_context())
    print(r.status)
except urllib.error.HTTPError as e:
    print(e.code)
except OSError:
    print("000")
