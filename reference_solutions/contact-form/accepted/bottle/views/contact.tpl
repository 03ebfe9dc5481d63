% rebase("frame.tpl")
% def fault(name):
% if name in faults:
<em data-error="{{name}}">{{faults[name]}}</em>
% end
% end
<form method=POST action=/contact>
<input type=hidden name=csrf_token value={{token}}>
<input name=name type=text value="{{values['name']}}"> \\
% fault("name")
<input name=email type=text value="{{values['email']}}"> \\
% fault("email")
<select name=subject>
% for one in topics:
<option value="{{one}}" {{"selected" if one == values["subject"] else ""}}>{{one}}</option>
% end
</select> \\
% fault("subject")
<textarea name=message>
{{values['message']}}</textarea> \\
% fault("message")
<input type=checkbox name=consent value=yes {{"checked" if values["consent"] == "yes" else ""}}> \\
% fault("consent")
<input type=submit>
</form>
