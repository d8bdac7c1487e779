#!/bin/sh
# An Ansible inventory of the guests that omc knows: ansible-playbook -i omc.sh …
# OMC_SITE says which site, where the script does not stand in one.
exec omc inventory export ansible "$@"
