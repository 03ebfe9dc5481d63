% rebase("frame.tpl")
<form method=POST action=/login>
<input type=hidden name=csrf_token value={{token}}>
<input type=hidden name=next value="{{wanted}}">
% if refused:
<p role=alert>Wrong.</p>
% end
<input name=username> <input name=password type=password> <input type=submit value=Enter>
</form>
