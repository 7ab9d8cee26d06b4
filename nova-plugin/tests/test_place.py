import hashlib
import os
import tempfile
import unittest

from configdrive_bridge import place


class PlaceTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.source = os.path.join(folder.name, "1.img")
        self.target = os.path.join(folder.name, "disk.config")

    def image(self, data):
        with open(self.source, "wb") as file:
            file.write(data)
        return len(data), hashlib.sha256(data).hexdigest()

    def content(self):
        with open(self.target, "rb") as file:
            return file.read()

    def test_the_bytes_are_the_same_and_zeros_are_holes(self):
        data = b"head" + bytes(5 << 20) + b"tail" + bytes(3 << 20)
        place.place(self.source, self.target, *self.image(data))
        self.assertEqual(self.content(), data)
        self.assertLess(os.stat(self.target).st_blocks * 512, 4 << 20)

    def test_a_file_holds_the_bytes_or_not(self):
        size, sha256 = self.image(b"right")
        self.assertFalse(place.holds(self.target, size, sha256))
        place.place(self.source, self.target, size, sha256)
        self.assertTrue(place.holds(self.target, size, sha256))
        self.assertFalse(place.holds(self.target, size + 1, sha256))
        with open(self.target, "wb") as file:
            file.write(b"wrong")
        self.assertFalse(place.holds(self.target, size, sha256))

    def test_a_file_of_zeros_is_blank_and_so_is_none(self):
        self.assertTrue(place.is_blank(self.target))
        with open(self.target, "wb") as file:
            file.truncate(3 << 20)
        self.assertTrue(place.is_blank(self.target))
        with open(self.target, "r+b") as file:
            file.seek(2 << 20)
            file.write(b"1")
        self.assertFalse(place.is_blank(self.target))

    def test_what_stands_there_is_replaced(self):
        with open(self.target, "wb") as file:
            file.write(b"older, and longer")
        place.place(self.source, self.target, *self.image(b"newer"))
        self.assertEqual(self.content(), b"newer")

    def test_who_has_a_file_open_reads_what_is_put_into_it(self):
        with open(self.target, "w+b") as opened:
            place.fill(self.source, self.target, *self.image(b"newer"))
            self.assertEqual(opened.read(), b"newer")
            with self.assertRaises(place.WrongImage):
                place.fill(self.source, self.target, *self.image(b"wrong")[:1], "0" * 64)
            opened.seek(0)
            self.assertEqual(opened.read(), b"newer")
        self.assertEqual(sorted(os.listdir(self.folder)), ["1.img", "disk.config"])

    def test_another_digest_or_size_changes_nothing(self):
        with open(self.target, "wb") as file:
            file.write(b"older")
        size, digest = self.image(b"newer")
        for wrong in ((size, "0" * 64), (size + 1, digest), (size - 1, None)):
            with self.assertRaises(place.WrongImage):
                place.place(self.source, self.target, *wrong)
        self.assertEqual(self.content(), b"older")
        self.assertEqual(sorted(os.listdir(self.folder)), ["1.img", "disk.config"])

    def test_an_image_that_is_not_there_leaves_nothing(self):
        with self.assertRaises(FileNotFoundError):
            place.place(self.source, self.target, 1, None)
        self.assertEqual(os.listdir(self.folder), [])


if __name__ == "__main__":
    unittest.main()
