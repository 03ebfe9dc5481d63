<!DOCTYPE html>
<html data-theme="{{theme}}" lang=en><head><meta charset=utf-8><title>Contact desk</title></head>
<body><h1>{{status}}</h1><a href=/contact>Contact</a></body></html>
