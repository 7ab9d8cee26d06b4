import base64
import unittest

from configdrive_bridge import tree


def text(value):
    return base64.b64encode(value.encode()).decode()


class FileTreeTest(unittest.TestCase):
    def test_equal_content_is_sent_once(self):
        files = [("ec2/latest/user-data", b"x"), ("openstack/latest/user_data", "x"), ("other", "y")]
        self.assertEqual(
            tree.file_tree(files)["files"],
            [
                {"path": "ec2/latest/user-data", "content": text("x")},
                {"path": "openstack/latest/user_data", "same_as": "ec2/latest/user-data"},
                {"path": "other", "content": text("y")},
            ],
        )

    def test_text_is_utf8(self):
        self.assertEqual(tree.file_tree([("name", "é")])["files"], [{"path": "name", "content": text("é")}])

    def test_empty_files_are_no_copies(self):
        files = tree.file_tree([("a", ""), ("b", b"")])["files"]
        self.assertEqual(files, [{"path": "a", "content": ""}, {"path": "b", "content": ""}])

    def test_the_later_of_two_entries_counts(self):
        self.assertEqual(tree.file_tree([("/a", "1"), ("a", "2")])["files"], [{"path": "a", "content": text("2")}])


if __name__ == "__main__":
    unittest.main()
