"""Makes the table, in a container that ends then."""

import storage

if __name__ == "__main__":
    storage.make_table()
