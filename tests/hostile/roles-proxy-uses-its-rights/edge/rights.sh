#!/bin/sh
# Ends the proxy where one of these succeeds: what belongs to another account, devices, mounts.
grep CapEff /proc/self/status
if cat /kept/word; then echo "read what belongs to another"; exit 1; fi
if touch /kept/mine; then echo "wrote into another's folder"; exit 1; fi
if mknod /tmp/disk b 8 0; then echo "made a device"; exit 1; fi
if mount -t tmpfs none /mnt; then echo "mounted"; exit 1; fi
exit 0
