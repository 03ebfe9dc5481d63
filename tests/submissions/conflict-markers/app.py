import json
<<<<<<< HEAD
PORT = 5000
=======
PORT = 8000
>>>>>>> feature
