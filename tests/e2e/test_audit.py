#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The audit: who logged in, attached and did what, as JSON lines in the log and in a file,
and one end for each beginning, whatever is killed in between."""

import contextlib
import json
import os
import pathlib
import re
import signal

import pexpect

from gateway import Gateway, guests_host
from libvirt_env import wait_for
from person import Person
from ssh_clients import *  # noqa: F401,F403
from tap import run, test
