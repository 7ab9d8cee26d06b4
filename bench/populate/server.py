"""The rival: an oslo.messaging server that makes a config drive as nova does, by genisoimage from a temporary tree.

    server.py TRANSPORT_URL TOPIC DIRECTORY

What it answers for lasts as ours does: the image is synced and renamed, its directory synced, a row committed.
"""
import hashlib
import logging
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import uuid

from oslo_config import cfg
import oslo_messaging

ARGUMENTS = ["-ldots", "-allow-lowercase", "-allow-multidot", "-l", "-publisher", "OpenStack Nova", "-quiet", "-J", "-r",
             "-V", "config-2"]


class Drives:
    target = oslo_messaging.Target(version="1.0")

    def __init__(self, directory):
        self.directory = directory
        self.lock = threading.Lock()
        self.rows = sqlite3.connect(os.path.join(directory, "rows.sqlite"), check_same_thread=False)
        self.rows.executescript("pragma journal_mode = wal; pragma synchronous = full;"
                                "create table drive (id text primary key, size integer, sha256 text)")

    def populate_volume(self, context, request_id, files):
        drive = str(uuid.uuid4())
        image = os.path.join(self.directory, drive + ".iso")
        tree = tempfile.mkdtemp(dir=self.directory)
        try:
            self.write_tree(tree, files["files"])
            subprocess.run(["genisoimage", "-o", image + ".partial", *ARGUMENTS, tree], check=True,
                           stderr=subprocess.DEVNULL)
        finally:
            shutil.rmtree(tree)
        with open(image + ".partial", "rb+") as file:
            data = file.read()
            os.fsync(file.fileno())
        os.rename(image + ".partial", image)
        self.sync_directory()
        digest = hashlib.sha256(data).hexdigest()
        with self.lock, self.rows:
            self.rows.execute("insert into drive values (?, ?, ?)", (drive, len(data), digest))
        return {"drive": {"id": drive, "size_bytes": len(data), "sha256": digest}}

    @staticmethod
    def write_tree(tree, files):
        texts = {file["path"]: file.get("text") for file in files}
        for file in files:
            path = os.path.join(tree, file["path"])
            os.makedirs(os.path.dirname(path), exist_ok=True)
            text = texts[file["same_as"]] if "same_as" in file else file["text"]
            with open(path, "w") as out:
                out.write(text)

    def sync_directory(self):
        directory = os.open(self.directory, os.O_RDONLY)
        os.fsync(directory)
        os.close(directory)


def main():
    url, topic, directory = sys.argv[1:4]
    logging.disable(logging.WARNING)
    cfg.CONF([], project="bench")
    transport = oslo_messaging.get_rpc_transport(cfg.CONF, url=url)
    target = oslo_messaging.Target(exchange="bench", topic=topic, server="host")
    server = oslo_messaging.get_rpc_server(transport, target, [Drives(directory)], executor="threading")
    server.start()
    print("ready", flush=True)
    server.wait()


main()
