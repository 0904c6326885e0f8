#!/bin/sh
case $1 in
--list) echo '{"g": ["p1", "p2"], "h": {"children": ["g"], "vars": {"word": "h"}}}' ;;
--host) [ "$2" = p1 ] && echo '{"word": "own"}' || echo '{}' ;;
esac
