#!/bin/sh
# mem-index --to an Elasticsearch.
MEM_ENGINE=elasticsearch exec sh "${0%/*}/long-81-index-to.sh"
