#!/bin/sh
# The same searches in Elasticsearch.
MEM_ENGINE=elasticsearch exec sh "${0%/*}/long-82-search-engine.sh"
