import subprocess
import sys
import time

while True:
    subprocess.run([sys.executable, "-c", "import a_module_that_is_not_there"])
    time.sleep(0.3)
