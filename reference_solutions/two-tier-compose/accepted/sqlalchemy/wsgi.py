from message_board import create_app

app = create_app()
