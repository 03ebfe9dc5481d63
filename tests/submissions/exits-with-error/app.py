raise RuntimeError("no plan")
