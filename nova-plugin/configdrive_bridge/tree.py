"""The files that nova rendered, in the form in which the service takes them."""

import base64


def file_tree(files):
    """A FileTree of the contract from (path, content) pairs.

    nova repeats the user data under every version of the metadata format, so equal content is sent once and named after that. Of
    two entries with one path nova's own builder keeps the later one; so does this.
    """
    first_with = {}
    tree = []
    for path, content in {path.lstrip("/"): content for path, content in files}.items():
        data = content.encode("utf-8") if isinstance(content, str) else bytes(content)
        first = first_with.setdefault(data, path)
        if first != path and data:
            tree.append({"path": path, "same_as": first})
        else:
            tree.append({"path": path, "content": base64.b64encode(data).decode("ascii")})
    return {"files": tree}
