#!/bin/sh
echo "before"
exit 7
