open("settings.json")
