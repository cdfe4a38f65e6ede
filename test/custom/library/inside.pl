#!/usr/bin/perl
my $args = '<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>';
print $args =~ /"name": "it"/ && @ARGV ? '{"found": true}' : '{"failed": true}';
