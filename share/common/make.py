#!/usr/bin/env python3
"""make.py MODEL STOP >en.txt: the words that are said most, most of all
first, by the weights of the built-in model's pieces (share/model): a piece
weighs the less the more often it came in the texts the model was made of.
Stop words are left out.  The same input gives the same bytes.
"""
import struct
import sys

MOST = 4000


def main():
    with open(sys.argv[1], "rb") as f:
        raw = f.read()
    with open(sys.argv[2]) as f:
        stop = {w for w in f.read().split("\n") if w and w[0] != "#"}
    dim = struct.unpack_from("<I", raw, 16)[0]
    part = [struct.unpack_from("<QQ", raw, 124 + 16 * i) for i in range(5)]
    rows, heads, text = part[0][0], part[1], part[3][0]
    words = []
    for at in range(heads[0] + 4 * 257, heads[0] + heads[1], 8):
        place, number = struct.unpack_from("<II", raw, at)
        begin = text + (place >> 8)
        word = raw[begin:begin + (place & 255)].decode()
        weight = struct.unpack_from("<f", raw, rows + number * (8 + dim) + 4)
        if word.isascii() and word.isalpha() and len(word) > 1:
            if word not in stop:
                words.append((weight[0], word))
    print("# The most common words of conversations and technical texts,")
    print("# most common first; make.py wrote them.  Not by hand.")
    for _, word in sorted(words)[:MOST]:
        print(word)


main()
