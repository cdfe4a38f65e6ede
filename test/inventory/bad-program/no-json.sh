#!/bin/sh
echo vm01
