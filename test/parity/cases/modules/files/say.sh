#!/bin/sh
for word in "$@"; do echo "said $word"; done
