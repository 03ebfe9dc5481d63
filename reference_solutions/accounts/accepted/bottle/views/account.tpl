% rebase("frame")
% for memo in memos:
<p><a href="/notes/{{memo["id"]}}">{{memo["words"]}}</a></p>
% end
<form method="post" action="/notes">
<input type="hidden" name="token" value="{{visit["token"]}}">
<input name="text"> <input type="submit" value="Save">
</form>
<form method="post" action="/account/password">
<input type="hidden" name="token" value="{{visit["token"]}}">
<input name="current_password" type="password"> <input name="new_password" type="password">
<input type="submit" value="Change">
</form>
