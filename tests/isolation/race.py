#!/usr/bin/env python3
"""
Some grant and revoke, others read, all at once:

    race.py [--seed N] [--seconds N]

A read that began after a revocation was acknowledged shows nothing of it; one
that lies within the time of a grant shows it.  A call that lasts (a batch of
queries, a log that is followed) is held to the same with each of its answers.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from rules import Viewer
from world import Failed, World


class Times:
    """When it was granted: [asked, acknowledged, asked to end, ended]."""

    def __init__(self):
        self.lock = threading.Lock()
        self.t = []

    def begin(self):
        with self.lock:
            self.t.append([time.monotonic(), None, None, None])
            return self.t[-1]

    def maybe(self, a, b):
        """Was there a grant at any moment of [a, b]?"""
        with self.lock:
            return any(x[0] <= b and (x[3] is None or x[3] >= a)
                       for x in self.t)

    def surely(self, a, b):
        with self.lock:
            return any(x[1] is not None and x[1] <= a and
                       (x[2] is None or x[2] >= b) for x in self.t)


class Race:
    def __init__(self, world, seconds):
        self.w, self.end = world, time.monotonic() + seconds
        self.times, self.wrong = Times(), []
        self.count = {'grants': 0, 'reads': 0, 'lasting': 0, 'seen': 0}
        t = world.tenants[0]
        users = [u for x, u in world.users if x == t]
        self.giver, self.reader = Viewer(t, users[0]), Viewer(t, users[1])
        s = world.users[t, users[0]]
        things = {k: [x for x in world.things if x.kind == k and
                      (x.tenant, x.user) == (t, users[0]) and x.session]
                  for k in ('event', 'artifact', 'variable', 'segment')}
        # a session that has one of each, or of most
        self.session = max(s, key=lambda n: sum(any(
            x.session == n for x in v) for v in things.values()))
        self.things = {k: [x for x in v if x.session == self.session]
                       for k, v in things.items()}

    def cred(self, v):
        return self.w.owner_cred(v)

    def fail(self, what):
        self.wrong.append(what)

    def alive(self):
        return time.monotonic() < self.end and not self.wrong

    def granting(self, to, expires):
        pause, n = threading.Event(), 0
        while self.alive():
            n += 1
            argv = ['mem-session', '--json', 'graft', self.session, '--to',
                    to]
            x = self.times.begin()
            if expires:
                # it ends by itself
                ends = time.time() + 0.05 + n * 7 % 60 / 1000
                argv += ['--until', str(int(ends * 1000))]
                x[2] = time.monotonic() + ends - time.time() - 0.002
                x[3] = x[2] + 0.004
            p = self.w.run(argv, self.giver, cred=self.cred(self.giver),
                           check=not expires)
            if p.returncode == 64:
                continue         # the machine was too slow for it
            x[1] = time.monotonic()
            id = json.loads(p.stdout)['id']
            pause.wait(n * 11 % 60 / 1000)
            if not expires:
                x[2] = time.monotonic()
                self.w.run(['mem-session', 'ungraft', id], self.giver,
                           cred=self.cred(self.giver))
                x[3] = time.monotonic()
            self.count['grants'] += 1
            pause.wait((40 + n * 13 % 50) / 1000)

    def asked(self):
        e = self.things['event'][0]
        out = [(['mem-log', '--json', e.id], e.mark),
               (['mem-log', '--json'], e.mark),
               (['mem-search', '--json', '--in', 'event', e.mark], e.id),
               (['mem-search', '-c', '--in', 'event', '--mode', 'text',
                 e.mark], '1\n'),
               (['mem-session', '--json', 'list'], '"graft"')]
        for a in self.things['artifact'][:1]:
            out.append((['mem-artifact', 'content', a.id],
                        a.more['inside']))
        for s in self.things['segment'][:1]:
            out.append((['mem-toc', '--json', s.id], s.id + '"'))
        return out

    def reading(self, number):
        n = number
        asked = self.asked()
        while self.alive():
            argv, sign = asked[n % len(asked)]
            n += 1
            a = time.monotonic()
            p = self.w.run(argv, self.reader, cred=self.cred(self.reader),
                           check=False)
            b = time.monotonic()
            told = sign in p.stdout.decode()
            self.count['reads'] += 1
            self.count['seen'] += told
            if p.returncode not in (0, 1, 2):
                self.fail('%s: exit %d: %r' % (argv, p.returncode, p.stderr))
            if told and not self.times.maybe(a, b):
                self.fail('%s shows what was revoked: %r' % (argv, p.stdout))
            if not told and self.times.surely(a, b):
                self.fail('%s does not show what is granted: %r' % (
                    argv, p.stdout + p.stderr))

    def lasting(self):
        """Each query of a batch is an answer of its own."""
        e = self.things['event'][0]
        env = dict(self.w.env)
        env['MEM_TENANT'], env['MEM_USER'] = (self.reader.tenant,
                                              self.reader.user)
        if self.cred(self.reader):
            env['MEM_CREDENTIAL_FILE'] = self.cred(self.reader)
        while self.alive():
            p = subprocess.Popen(
                ['mem-search', '--json', '--in', 'event', '--mode', 'text',
                 '--batch', '-'], env=env, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            for _ in range(40):
                a = time.monotonic()
                # its answer ends where that to the next query begins: one
                # that always finds something is asked behind it
                p.stdin.write(('%s\n%s\n' % (e.mark, self.own)).encode())
                p.stdin.flush()
                told = False
                while True:
                    line = p.stdout.readline().decode()
                    if not line:
                        self.fail('the batch ended: %r' % p.stderr.read())
                        return
                    told = told or e.id in line
                    if self.own_id in line:
                        break
                b = time.monotonic()
                self.count['lasting'] += 1
                if told and not self.times.maybe(a, b):
                    self.fail('a query of a batch shows what was revoked')
                if not told and self.times.surely(a, b):
                    self.fail('a query of a batch does not show what is '
                              'granted')
            p.stdin.close()
            p.wait()

    def guarded(self, fn, *args):
        try:
            fn(*args)
        except (Failed, OSError, ValueError, KeyError, IndexError,
                subprocess.TimeoutExpired) as x:
            self.fail('%s: %r' % (fn.__name__, x))

    def go(self):
        own = next(t for t in self.w.things if t.kind == 'event' and
                   (t.tenant, t.user) == (self.reader.tenant,
                                          self.reader.user))
        self.own, self.own_id = own.mark, own.id
        todo = [(self.granting, 'user:' + self.reader.user, False),
                (self.granting, 'tenant', True), (self.reading, 0),
                (self.reading, 3), (self.lasting,)]
        ts = [threading.Thread(target=self.guarded, args=x) for x in todo]
        for t in ts:
            t.start()
        for t in ts:
            t.join()
        print('# ' + ' '.join('%s %d' % i for i in self.count.items()))
        for x in self.wrong[:5]:
            print('# ' + x[:600])
        if not self.wrong and min(self.count.values()) == 0:
            print('# nothing was tried')
            return 1
        return 1 if self.wrong else 0


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--seed', type=int, default=int(time.time()))
    p.add_argument('--seconds', type=float, default=5)
    p.add_argument('--owner', action='store_true')
    args = p.parse_args()
    print('# seed %d' % args.seed, flush=True)
    folder = tempfile.mkdtemp(prefix='memkit-isolation.')
    try:
        w = World(args.seed, folder, tenants=1, users=2, sessions=6,
                  events=3, owner=args.owner)
        w.make()
        r = Race(w, args.seconds).go()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(r)


if __name__ == '__main__':
    main()
