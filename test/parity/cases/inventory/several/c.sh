#!/bin/sh
[ "$1" = --list ] && echo '{"three": {"hosts": ["s2", "s9"], "vars": {"word": "script"}}, "_meta": {"hostvars": {"s9": {"word": "of the host"}}}}'
