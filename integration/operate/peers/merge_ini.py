"""merge_ini.py OUT FILE...: lays configuration files one over the other, section by section and key by key, as kolla-ansible's
merge_configs does: read by oslo.config's own parser, the last file that has a key gives its value."""

import sys

from oslo_config import iniparser


class Merged(iniparser.BaseParser):
    def __init__(self):
        super().__init__()
        self.sections = {}
        self.here = None
        self.fresh = set()

    def new_section(self, section):
        self.here = section
        self.sections.setdefault(section, {})

    def assignment(self, key, value):
        values = self.sections[self.here]
        if (self.here, key) not in self.fresh:
            values[key] = []
            self.fresh.add((self.here, key))
        values[key].append(value)

    def lay(self, path):
        self.fresh = set()
        with open(path) as lines:
            self.parse(lines)


merged = Merged()
for path in sys.argv[2:]:
    merged.lay(path)
with open(sys.argv[1], "w") as out:
    for section, values in merged.sections.items():
        out.write("[%s]\n" % section)
        for key, all_values in values.items():
            for value in all_values:
                out.write("%s = %s\n" % (key, "\n  ".join(value)))
        out.write("\n")
