<!DOCTYPE html>
<html data-theme="{{theme}}" lang=en>
<head><meta charset=utf-8><title>Contact desk</title></head>
<body>
% if news:
<aside role="status">{{news}}</aside>
% end
{{!base}}
<form method=POST action=/theme>
<input type=hidden name=csrf_token value={{token}}>
<button name=theme value=light>light</button> <button name=theme value=dark>dark</button>
</form>
</body>
</html>
