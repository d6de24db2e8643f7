#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Print live readings from the bus of a stack. Needs python3-zmq, python3-protobuf and protoc (protobuf-compiler)."""
import argparse, os, subprocess, sys, tempfile, zmq  # noqa: E401

args = argparse.ArgumentParser(description=__doc__)
args.add_argument('--dir', default='/', help='folder of the stack; without it the installed suite')
args.add_argument('--count', type=int, default=-1, help='end after so many readings')
args = args.parse_args()
run = '/run/busbar' if args.dir == '/' else os.path.join(args.dir, 'run')
run = open(run + '.path').read().strip() if os.path.exists(run + '.path') else run
with tempfile.TemporaryDirectory() as made:
    proto = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../proto')
    subprocess.run(['protoc', '--proto_path=' + proto, '--python_out=' + made, 'reading.proto'], check=True)
    sys.path.insert(0, made)
    from reading_pb2 import Envelope, Reading
bus = zmq.Context().socket(zmq.SUB)
bus.connect('ipc://' + run + '/busd.out')
bus.subscribe('reading/')
while args.count != 0:
    topic, envelope, body = bus.recv_multipart()
    if Envelope.FromString(envelope).kind == Envelope.KIND_READING:
        r = Reading.FromString(body)
        print(r.key, r.group, *map('{}={:g}'.format, r.number_name, r.number), *map('{}={}'.format, r.text_name, r.text), flush=True)
        args.count -= 1
